// What other presets would make of a preview: reckoned here, so that switching one shows its effect at once. Pure.
import type { SourceOptions, SourcePreview } from '../../../contract';

export interface PreviewEffect {
  readonly kept: { readonly files: number; readonly bytes: number };
  readonly fetch: { readonly files: number; readonly bytes: number };
  readonly leftOut: { readonly files: number; readonly bytes: number };
  readonly seconds: number | null;
  readonly dollars: number | null;
}

type Part = SourcePreview['left_out'][number];

const isOut = (part: Part, presets: SourceOptions['presets']): boolean => part.reasons.some((reason) => reason === 'patterns' || reason === 'size' || presets[reason]);

const sum = (parts: readonly Part[]): { readonly files: number; readonly bytes: number; readonly fetchFiles: number; readonly fetchBytes: number } =>
  parts.reduce((all, part) => ({ files: all.files + part.files, bytes: all.bytes + part.bytes, fetchFiles: all.fetchFiles + part.fetch_files, fetchBytes: all.fetchBytes + part.fetch_bytes }), { files: 0, bytes: 0, fetchFiles: 0, fetchBytes: 0 });

/** The sums of a preview with these presets. */
export const withPresets = (preview: SourcePreview, presets: SourceOptions['presets']): PreviewEffect => {
  const before = sum(preview.left_out.filter((part) => isOut(part, preview.options.presets)));
  const out = sum(preview.left_out.filter((part) => isOut(part, presets)));
  const fetch = { files: preview.fetch.files + before.fetchFiles - out.fetchFiles, bytes: preview.fetch.bytes + before.fetchBytes - out.fetchBytes };
  // Time and price grow with the bytes; small files take some time of their own, which is in what main reckoned.
  const perFile = preview.rate === null || preview.seconds === null || preview.fetch.files === 0 ? 0 : Math.max(0, preview.seconds - preview.fetch.bytes / preview.rate.bytes_s) / preview.fetch.files;
  return {
    kept: { files: preview.total.files - out.files, bytes: preview.total.bytes - out.bytes },
    fetch,
    leftOut: { files: out.files, bytes: out.bytes },
    seconds: preview.rate === null ? null : fetch.bytes / preview.rate.bytes_s + fetch.files * perFile,
    dollars: preview.dollars_per_gb === null ? null : (fetch.bytes / 1e9) * preview.dollars_per_gb,
  };
};

/** What a single preset leaves out, whether it is on or not. */
export const ofPreset = (preview: SourcePreview, name: keyof SourceOptions['presets']): { readonly files: number; readonly bytes: number } => sum(preview.left_out.filter(({ reasons }) => reasons.includes(name)));

/** False when options that the preview does not know the effect of have changed since. */
export const stillHolds = (preview: SourcePreview, options: SourceOptions): boolean =>
  JSON.stringify([preview.options.exclude, preview.options.ignore_file, preview.options.max_file_bytes, preview.options.bandwidth_kib_s]) === JSON.stringify([options.exclude, options.ignore_file, options.max_file_bytes, options.bandwidth_kib_s]);
