/** One value for every model input, by name. */
export type Sample = ReadonlyMap<string, Float64Array>;
