/** What a stage of a pipeline is: documents in, documents out, as bytes. */

/** One stage. */
export type Stage = (documents: Iterable<Buffer>) => Iterable<Buffer>;
