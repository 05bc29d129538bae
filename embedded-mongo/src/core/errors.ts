/**
 * The closed set of errors of this server. Codes and names are MongoDB's own
 * (https://www.mongodb.com/docs/manual/reference/error-codes/), because drivers and mongoose decide by code, not by
 * text.
 */

/** MongoDB's error codes by name; no others are sent. */
export const ERROR_CODES = {
  InternalError: 1,
  BadValue: 2,
  FailedToParse: 9,
  Unauthorized: 13,
  TypeMismatch: 14,
  InvalidLength: 16,
  AuthenticationFailed: 18,
  IllegalOperation: 20,
  NamespaceNotFound: 26,
  IndexNotFound: 27,
  PathNotViable: 28,
  ConflictingUpdateOperators: 40,
  CursorNotFound: 43,
  NamespaceExists: 48,
  MaxTimeMSExpired: 50,
  DollarPrefixedFieldName: 52,
  InvalidIdField: 53,
  CommandNotFound: 59,
  ImmutableField: 66,
  CannotCreateIndex: 67,
  InvalidOptions: 72,
  InvalidNamespace: 73,
  IndexOptionsConflict: 85,
  IndexKeySpecsConflict: 86,
  OperationFailed: 96,
  NotImplemented: 238,
  OperationNotSupportedInTransaction: 263,
  CannotIndexParallelArrays: 171,
  UnknownReplWriteConcern: 79,
  NotAReplicaSet: 123,
  QueryExceededMemoryLimitNoDiskUseAllowed: 292,
  BSONObjectTooLarge: 10334,
  DuplicateKey: 11000,
  KeyTooLong: 17280,
  MissingField: 40414,
  UnknownField: 40415,
  UnknownStage: 40324,
  UnknownExpression: 168,
} as const;

/** A name out of {@link ERROR_CODES}. */
export type ErrorName = keyof typeof ERROR_CODES;

/** An error that is sent to the client with MongoDB's code. */
export class CommandError extends Error {
  readonly codeName: ErrorName;
  readonly code: number;
  /** Further fields of the error document, e.g. `keyPattern` and `keyValue`. */
  readonly details: Record<string, unknown>;

  constructor(codeName: ErrorName, message: string, details: Record<string, unknown> = {}) {
    super(message);
    this.name = 'CommandError';
    this.codeName = codeName;
    this.code = ERROR_CODES[codeName];
    this.details = details;
  }
}
