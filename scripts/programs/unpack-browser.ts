/** Run by npm-browser.ts with a folder of its own as `TMPDIR`: unpacks the browser, its libraries and its font there. */
import { fileURLToPath } from 'node:url';
import { inflate } from '@sparticuz/chromium';

const packed = new URL('../bin/', import.meta.resolve('@sparticuz/chromium'));
const files = ['chromium.br', 'al2023.tar.br', 'fonts.tar.br'];
await Promise.all(files.map((file) => inflate(fileURLToPath(new URL(file, packed)))));
