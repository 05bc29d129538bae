/**
 * The real window of a breaker: its ten buckets as boxes, each as tall as its calls and split by outcome.
 */

import type { BucketView, WindowView } from '@holdfast/shared/resilience/breaker-window.ts';
import { html, svg, type TemplateResult } from 'lit-html';
import { toWholeSeconds } from '../model/format.ts';

/** From the bottom to the top; saturated calls count as rejected here. */
const parts = [
  { kind: 'ok', word: 'ok', of: (bucket: BucketView) => bucket.success },
  { kind: 'failed', word: 'failed', of: (bucket: BucketView) => bucket.failure },
  { kind: 'timeout', word: 'timed out', of: (bucket: BucketView) => bucket.timeout },
  { kind: 'rejected', word: 'rejected', of: (bucket: BucketView) => bucket.rejected + bucket.saturated },
] as const;

const height = 30;

/** Draws the boxes. */
export function windowBoxes({ buckets, windowMs }: WindowView): TemplateResult {
  const most = Math.max(1, ...buckets.map(toTotal));
  const bucketMs = windowMs / Math.max(1, buckets.length);
  return html`<ol class="buckets">
    ${buckets.map((bucket, index) => {
      const ago = toWholeSeconds((buckets.length - 1 - index) * bucketMs);
      return html`<li title=${toWords(bucket)}>
        <svg viewBox="0 0 10 ${height}" preserveAspectRatio="none" aria-hidden="true" focusable="false">${stack(bucket, most)}</svg>
        <span class="total" aria-hidden="true">${toTotal(bucket) || ''}</span>
        <span class="visually-hidden">${index === buckets.length - 1 ? 'now' : `${ago} ago`}: ${toWords(bucket)}</span>
      </li>`;
    })}
  </ol>`;
}

function stack(bucket: BucketView, most: number) {
  let top = height;
  return parts.map(({ kind, of }) => {
    const size = (of(bucket) / most) * height;
    top -= size;
    return size === 0
      ? null
      : svg`<rect class="part" data-kind=${kind} x="0" width="10" y=${top} height=${size} />`;
  });
}

function toTotal(bucket: BucketView): number {
  return parts.reduce((sum, { of }) => sum + of(bucket), 0);
}

function toWords(bucket: BucketView): string {
  const told = parts.filter(({ of }) => of(bucket) > 0).map(({ word, of }) => `${of(bucket)} ${word}`);
  return told.length === 0 ? 'no calls' : told.join(', ');
}
