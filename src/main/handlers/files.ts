// Handlers of what is in the snapshots; contents leave as bytes that no browser takes for a page.
import { httpOnly, signedIn } from './base';
import type { Download, ImageBytes } from '../domain/services';

/** Only bytes whose kind is known go out under a type that a browser shows. */
const file = ({ bytes, mediaType }: ImageBytes): File => new File([new Uint8Array(bytes)], `image.${mediaType.slice('image/'.length)}`, { type: mediaType });

/** RFC 6266: a plain name for old clients, and the whole one. */
const disposition = (name: string): string => {
  const plain = name.replaceAll(/[^A-Za-z0-9._-]/g, '_').slice(-120);
  const whole = encodeURIComponent(name).replaceAll(/['()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);
  return `attachment; filename="${plain}"; filename*=UTF-8''${whole}`;
};

const sent = ({ name, mediaType, content }: Download): { headers: Record<string, string>; body: ReadableStream } => ({
  headers: { 'content-type': mediaType, 'content-disposition': disposition(name) },
  body: ReadableStream.from(content) as ReadableStream,
});

export const files = {
  search: signedIn.files.search.handler(({ context, input, signal }) => context.services.files.search(context.caller, input, signal)),
  list: signedIn.files.list.handler(({ context, input, signal }) => context.services.files.list(context.caller, input, signal)),
  versions: signedIn.files.versions.handler(({ context, input, signal }) => context.services.files.versions(context.caller, input, signal)),
  diff: signedIn.files.diff.handler(({ context, input, signal }) => context.services.files.diff(context.caller, input, signal)),
  preview: signedIn.files.preview.handler(({ context, input, signal }) => context.services.files.preview(context.caller, input, signal)),
  image: signedIn.files.image.handler(({ context, input, signal }) => context.services.files.image(context.caller, input, signal).then(file)),
  download: httpOnly.files.download.handler(({ context, input, signal }) => context.services.files.download(context.caller, input, signal).then(sent)),
  archive: httpOnly.files.archive.handler(({ context, input, signal }) => context.services.files.archive(context.caller, input, signal).then(sent)),
};
