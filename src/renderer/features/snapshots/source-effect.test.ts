import { describe, expect, it } from 'vitest';
import type { SourcePreview } from '../../../contract';
import { sourceOptions } from '../../../contract/sources';
import { ofPreset, stillHolds, withPresets } from './source-effect';

const options = sourceOptions.parse({ presets: { pip: true, pycache: false } });
const preview: SourcePreview = {
  operation_id: 'x', instance_id: 7, path: '/workspace', options, total: { files: 10, bytes: 1000 }, kept: { files: 6, bytes: 600 }, fetch: { files: 4, bytes: 500 },
  left_out: [
    { reasons: ['pip'], files: 2, bytes: 200, fetch_files: 1, fetch_bytes: 100 }, { reasons: ['pip', 'pycache'], files: 1, bytes: 100, fetch_files: 1, fetch_bytes: 100 },
    { reasons: ['patterns'], files: 1, bytes: 100, fetch_files: 1, fetch_bytes: 100 }, { reasons: ['pycache'], files: 1, bytes: 50, fetch_files: 1, fetch_bytes: 50 },
  ],
  directories: [], largest: [], rate: { bytes_s: 100, from: 'instance' }, seconds: 5.4, dollars_per_gb: 1e9, dollars: 500,
};

describe('other presets on a preview', () => {
  it('change nothing when they are the same', () => {
    expect(withPresets(preview, options.presets)).toEqual({ kept: { files: 6, bytes: 600 }, fetch: { files: 4, bytes: 500 }, leftOut: { files: 4, bytes: 400 }, seconds: 5.4, dollars: 500 });
  });

  it('bring back what no other reason leaves out', () => {
    expect(withPresets(preview, { ...options.presets, pip: false })).toMatchObject({ kept: { files: 9, bytes: 900 }, fetch: { files: 6, bytes: 700 }, leftOut: { bytes: 100 }, dollars: 700 });
    expect(withPresets(preview, { ...options.presets, pip: false, pycache: true })).toMatchObject({ kept: { files: 7, bytes: 750 }, fetch: { files: 4, bytes: 550 } });
  });

  it('know what one leaves out, and when to look again', () => {
    expect(ofPreset(preview, 'pycache')).toMatchObject({ files: 2, bytes: 150 });
    expect(stillHolds(preview, { ...options, presets: { ...options.presets, pip: false } })).toBe(true);
    expect(stillHolds(preview, { ...options, exclude: ['x'] })).toBe(false);
  });
});
