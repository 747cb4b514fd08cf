import { parentPort, workerData } from 'node:worker_threads';
import { prepareThread } from './wasm-module.ts';

/** A thread of the kernel in Node other than the first, started by wasm-lead.ts. */
const work = await prepareThread(workerData);
parentPort?.postMessage('ready');
work();
