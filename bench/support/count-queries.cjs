'use strict';
// Loaded into the worker by NODE_OPTIONS: notes how often each statement was sent, in the file that BENCH_QUERIES names.
const { writeFileSync, renameSync } = require('node:fs');
const Module = require('node:module');

const file = process.env.BENCH_QUERIES;
const isWorker = process.argv[1]?.endsWith('worker/main.js') && require('node:worker_threads').isMainThread;
if (file && isWorker) {
  const counts = new Map();
  const load = Module._load;
  Module._load = function (request, ...rest) {
    const loaded = load.call(this, request, ...rest);
    if (request === 'pg' && !loaded.Client.counted) {
      const { query } = loaded.Client.prototype;
      loaded.Client.counted = true;
      loaded.Client.prototype.query = function (config, ...others) {
        const text = typeof config === 'string' ? config : (config.text ?? '');
        const short = text.replace(/\s+/g, ' ').trim().slice(0, 110);
        counts.set(short, (counts.get(short) ?? 0) + 1);
        return query.call(this, config, ...others);
      };
    }
    return loaded;
  };
  setInterval(() => {
    writeFileSync(`${file}.part`, JSON.stringify([...counts]));
    renameSync(`${file}.part`, file);
  }, 500).unref();
}
