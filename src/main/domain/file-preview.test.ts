import { describe, expect, it } from 'vitest';
import { imageType, previewText } from './file-preview';

const text = (bytes: Buffer | string, whole = true): string | null => previewText(Buffer.from(bytes as string), whole);

describe('text', () => {
  it('is shown, with line ends of any system', () => {
    expect(text('a\tb\r\nção\n')).toBe('a\tb\nção\n');
    expect(text(Buffer.from('\ufeffbom', 'utf8'))).toBe('bom');
    expect(text(Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from('wide', 'utf16le')]))).toBe('wide');
  });

  it('has its control characters and turns of direction escaped', () => {
    expect(text('\u001b[31mred\u001b[0m a\u202eb 100%\r50%')).toBe(String.raw`\u{1b}[31mred\u{1b}[0m a\u{202e}b 100%\u{d}50%`);
    expect(text('<script>alert(1)</script>')).toBe('<script>alert(1)</script>');
  });

  it('may end within a character only where it was cut', () => {
    const cut = Buffer.from('é').subarray(0, 1);
    expect(text(Buffer.concat([Buffer.from('caf'), cut]), false)).toBe('caf');
    expect(text(Buffer.concat([Buffer.from('caf'), cut]), true)).toBeNull();
  });

  it('is not what holds NUL, bytes of no text, or mostly control characters', () => {
    expect(text(Buffer.from([0x7f, 0x45, 0x4c, 0x46, 0, 1]))).toBeNull();
    expect(text(Buffer.from([0xc3, 0x28, 0xa0, 0xa1]))).toBeNull();
    expect(text('\u0001\u0002\u0003\u0004\u0005\u0006\u0007\u0008\u0001')).toBeNull();
  });
});

describe('an image', () => {
  it('is known by its first bytes, never by its name, and is one of four kinds', () => {
    expect(imageType(Buffer.from('\x89PNG\r\n\x1a\nrest', 'latin1'))).toBe('image/png');
    expect(imageType(Buffer.from('\xff\xd8\xff\xe0', 'latin1'))).toBe('image/jpeg');
    expect(imageType(Buffer.from('GIF89a'))).toBe('image/gif');
    expect(imageType(Buffer.from('RIFF\x10\x00\x00\x00WEBPVP8 ', 'latin1'))).toBe('image/webp');
    for (const other of ['<svg xmlns="http://www.w3.org/2000/svg"/>', '<html>', 'BM....', 'RIFF\x10\x00\x00\x00WAVE', 'GI', '']) expect([other, imageType(Buffer.from(other, 'latin1'))]).toEqual([other, null]);
  });
});
