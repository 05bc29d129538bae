/**
 * Shows what a word means while the pointer is on it or it has the focus; Escape hides it. Elements carry `data-term`.
 */
import { glossary, type WordName } from '../model/glossary.ts';

/** Pixels between a word and its tooltip, and to the edges of the window. */
const gap = 6;

/** Begins to listen; the tooltip is the element with the id `tip`. */
export function showTooltips(): void {
  const show = ({ target }: Event) => {
    const word = target instanceof Element ? target.closest<HTMLElement>('[data-term]') : null;
    if (word !== null) place(word);
    else if (target instanceof Element && target.closest('.tip') === null) hide();
  };
  document.addEventListener('pointerover', show);
  document.addEventListener('focusin', show);
  document.addEventListener('focusout', hide);
  document.addEventListener('scroll', hide, { capture: true, passive: true });
  document.addEventListener('keydown', ({ key }) => {
    if (key === 'Escape') hide();
  });
}

function place(word: HTMLElement): void {
  const tip = document.getElementById('tip');
  if (tip === null) return;
  tip.textContent = glossary[word.dataset.term as WordName]?.means ?? '';
  tip.dataset.shown = 'true';
  const at = word.getBoundingClientRect();
  const { width, height } = tip.getBoundingClientRect();
  const below = at.bottom + gap;
  const top = below + height > innerHeight - gap ? at.top - height - gap : below;
  const left = Math.max(gap, Math.min(at.left, innerWidth - width - gap));
  tip.style.setProperty('top', `${Math.max(gap, top)}px`);
  tip.style.setProperty('left', `${left}px`);
}

function hide(): void {
  document.getElementById('tip')?.removeAttribute('data-shown');
}
