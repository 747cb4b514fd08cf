/** The files of a compiled model's directory. */
export const fileNames = {
  manifest: 'manifest.json',
  quantised: 'quantised.bin',
  layout: 'layout.bin',
  recipe: 'recipe.json',
  report: 'report.json',
  provingKey: 'proving.zkey',
  preparedKey: 'proving.prepared',
  verification: 'verification.json',
  transcript: 'transcript.json',
} as const;
