import { cleanup, fireEvent, render, screen } from '@testing-library/react';
import { afterEach, expect, test, vi } from 'vitest';
import { Menu } from './Menu';

afterEach(cleanup);

function show(choose = vi.fn()) {
  render(
    <>
      <button type="button">elsewhere</button>
      <Menu>
        <Menu.Target>
          <button type="button">open</button>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Label>What</Menu.Label>
          <Menu.Item onClick={() => choose('one')}>one</Menu.Item>
          <Menu.Item disabled>never</Menu.Item>
          <Menu.Item role="menuitemcheckbox" aria-checked={false} closeMenuOnClick={false} onClick={() => choose('two')}>two</Menu.Item>
        </Menu.Dropdown>
      </Menu>
    </>,
  );
  const button = screen.getByText('open');
  button.focus();
  fireEvent.click(button);
  return { choose, button, press: (key: string, shiftKey = false) => fireEvent.keyDown(document.activeElement ?? document.body, { key, shiftKey }) };
}
const shown = () => screen.queryByRole('menu');
const focused = () => document.activeElement?.textContent;

test('a menu is named after its button, and arrows go through what can be chosen', () => {
  const { press, button } = show();
  expect(shown()?.getAttribute('aria-labelledby')).toBe(button.id);
  expect(button.getAttribute('aria-expanded')).toBe('true');
  expect(document.activeElement).toBe(shown());
  for (const [key, at] of [['ArrowDown', 'one'], ['ArrowDown', 'two'], ['ArrowDown', 'one'], ['ArrowUp', 'two'], ['Home', 'one'], ['End', 'two']] as const) {
    press(key);
    expect(focused()).toBe(at);
  }
});

test('Escape and Tab leave it, and the focus is where it was', () => {
  const { press, button } = show();
  press('ArrowDown');
  press('Escape');
  expect(shown()).toBeNull();
  expect(document.activeElement).toBe(button);
  expect(button.getAttribute('aria-expanded')).toBe('false');
  fireEvent.click(button);
  press('Tab');
  expect(shown()).toBeNull();
  expect(document.activeElement).toBe(button);
});

test('what was chosen is done once and the menu is gone, unless it is a switch', () => {
  const { choose, button } = show();
  fireEvent.click(screen.getByText('two'));
  expect(shown()).not.toBeNull();
  fireEvent.click(screen.getByText('one'));
  expect(choose.mock.calls).toEqual([['two'], ['one']]);
  expect(shown()).toBeNull();
  expect(document.activeElement).toBe(button);
});

test('a press elsewhere closes it, one on its button too, and does not open it again', () => {
  const { button } = show();
  fireEvent.pointerDown(screen.getByText('elsewhere'));
  expect(shown()).toBeNull();
  fireEvent.click(button);
  fireEvent.pointerDown(button);
  fireEvent.click(button);
  expect(shown()).toBeNull();
});
