// The presets of what is left out: what people who rent GPUs can get again from elsewhere. See [Note: Patterns].
import type { SourcePreset } from '../../contract';

/** Patterns of each preset. `sockets` is a kind of entry, not a name. */
export const presetPatterns: Readonly<Record<SourcePreset, readonly string[]>> = {
  pip: ['**/.cache/pip/', '**/.cache/uv/'],
  conda: ['conda', 'anaconda3', 'miniconda3', 'miniforge3', 'mambaforge', 'micromamba', '.conda'].map((name) => `**/${name}/pkgs/`),
  // What was downloaded, not the token and the settings beside it. Images of Vast put the cache into the workspace as .hf_home.
  huggingface: ['.cache/huggingface', '.hf_home'].flatMap((home) => ['hub', 'datasets', 'xet', 'assets'].map((part) => `**/${home}/${part}/`)),
  pycache: ['__pycache__/'],
  node_modules: ['node_modules/'],
  sockets: [],
  git_objects: ['**/.git/objects/'],
};

/** In the order of the contract; the place of each is its bit in a mask. */
export const presetOrder = Object.keys(presetPatterns) as readonly SourcePreset[];
