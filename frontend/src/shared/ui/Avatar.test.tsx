import { fireEvent, render } from '@testing-library/react';
import { expect, test } from 'vitest';
import { Avatar } from './Avatar';

test('a picture that cannot be loaded gives way to the initials, until there is another', () => {
  const avatar = (url?: string) => <Avatar id="con_1" name="Noa Levi" url={url} />;
  const { container, rerender } = render(avatar('/a'));
  const picture = () => container.querySelector('img');
  const letters = () => container.querySelector('[data-letters]')?.getAttribute('data-letters');
  expect(picture()?.getAttribute('src')).toBe('/a');
  fireEvent.error(picture()!);
  expect([picture(), letters()]).toEqual([null, 'NL']);
  rerender(avatar('/b'));
  expect(picture()?.getAttribute('src')).toBe('/b');
  rerender(avatar());
  expect(letters()).toBe('NL');
});
