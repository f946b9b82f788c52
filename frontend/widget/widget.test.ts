import { describe, expect, it } from 'vitest';
import { h, linked } from './dom';
import { inkOn } from './view';
import { choose, directionOf } from './words';

describe('the language of the chat', () => {
  it.each([
    [['he', 'en'], 'he', 'rtl'],
    [['', undefined, 'ar-EG'], 'ar', 'rtl'],
    [['fr', 'de-DE'], 'en', 'ltr'],
    [['constructor', 'he-IL'], 'he', 'rtl'],
  ])('%j is %s', (wishes, language, direction) => {
    expect(choose(...wishes)).toBe(language);
    expect(directionOf(choose(...wishes))).toBe(direction);
  });
});

describe('text', () => {
  it('is never markup', () => {
    const p = h('p', {}, linked('<img src=x onerror=alert(1)> see https://shop.example/a?b=1, please'));
    expect(p.querySelector('img')).toBeNull();
    expect(p.textContent).toBe('<img src=x onerror=alert(1)> see https://shop.example/a?b=1, please');
    expect([...p.querySelectorAll('a')].map((a) => a.getAttribute('href'))).toEqual(['https://shop.example/a?b=1']);
  });
  it('keeps numbers in one piece, from left to right', () => {
    const p = h('p', {}, linked('הטלפון שלי 050-123-4567, קוד 12'));
    expect([...p.querySelectorAll('bdi')].map((b) => b.textContent)).toEqual(['050-123-4567']);
  });
  it('links nothing but web addresses', () => {
    expect(h('p', {}, linked('javascript:alert(1) http:// data:text/html,x')).querySelector('a')).toBeNull();
  });
});

it('what stands on a colour can be read', () => {
  expect([inkOn('#ffffff'), inkOn('#ffd400'), inkOn('#1f5fd0'), inkOn('#000000')]).toEqual(['#000', '#000', '#fff', '#fff']);
});
