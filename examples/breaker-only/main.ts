/** Runs the shop on port 3020 before the neighbour that STOCK_URL names. */
import { createShop } from './app.ts';

const url = process.env.STOCK_URL ?? 'http://127.0.0.1:3021/stock';
createShop(url, { log: console.log }).listen(3020, '127.0.0.1');
console.log(`http://127.0.0.1:3020/stock asks ${url}; http://127.0.0.1:3020/breakers shows the breaker.`);
