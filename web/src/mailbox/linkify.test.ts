import { describe, expect, it } from 'vitest';
import { linkify } from './linkify.ts';

describe('linkify', () => {
  it('cuts the text around each link and loses no character', () => {
    const link = 'http://localhost:4000/verify-email#token=abc';
    const text = `Hello,\n${link}\nThat is all.`;
    const parts = linkify(text, [link]);
    expect(parts.map((part) => part.text).join('')).toBe(text);
    expect(parts.filter((part) => part.href !== null).map((part) => part.href)).toEqual([link]);
  });

  it('takes the longer of two links that begin alike', () => {
    const parts = linkify('http://a.example/x1', ['http://a.example/x', 'http://a.example/x1']);
    expect(parts).toEqual([{ at: 0, text: 'http://a.example/x1', href: 'http://a.example/x1' }]);
  });

  it('never makes a link of anything but a web address', () => {
    const text = 'javascript:alert(1) data:text/html,x not-a-url';
    expect(linkify(text, ['javascript:alert(1)', 'data:text/html,x', 'not-a-url', ''])).toEqual([{ at: 0, text, href: null }]);
  });
});
