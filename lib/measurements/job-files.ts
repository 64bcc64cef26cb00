/** Where the rows of an upload that do not count are kept, beside its converted file. */
export const asidePath = (output: string): string => `${output}.aside`;

/** Where a packed upload lies unpacked while it is read. */
export const unpackedPath = (output: string): string => `${output}.raw`;
