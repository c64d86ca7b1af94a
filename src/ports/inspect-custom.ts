/** `inspect.custom` of `node:util`, which takes its time to load, and gives this symbol to whoever asks for it by its name. */
export const inspectCustom = Symbol.for('nodejs.util.inspect.custom');
