import type { Model } from '../model/model.ts';
import { openModel } from '../store/directory.ts';
import type { Manifest } from '../store/manifest.ts';
import type { Tasks } from './task-module.ts';
import { shareArrays } from './transfer.ts';

/** A model whose arrays lie in shared memory, and where it comes from. */
export interface SharedModel {
  readonly model: Model;
  readonly path: string;
  readonly manifest: Manifest;
}

/** Opening a model takes up to seconds and much of it is garbage afterwards, so a thread of its own does it. */
export function createTasks(): Tasks {
  return {
    async open(path: string): Promise<SharedModel> {
      const { path: where, manifest, ...model } = await openModel(path);
      return { model: shareArrays(model), path: where, manifest };
    },
  };
}
