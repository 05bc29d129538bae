/** Which errors of the database are a no, and which leave everything open. */
import { BSON, MongoNetworkError, MongoServerError, MongoServerSelectionError } from 'mongodb';
import { mongo } from 'mongoose';
import { describe, expect, it } from 'vitest';
import { isDefinite } from '../../../src/store/mongo-fault.ts';

const server = (code: number | undefined, labels: string[] = []) =>
  new MongoServerError({ message: 'no', ...(code === undefined ? {} : { code }), errorLabels: labels });

describe('an error is a no, and nothing was written', () => {
  it.each([
    ['a document that breaks a rule of the database', server(121)],
    ['a document that is too large', server(10_334)],
    ['a batch that is too long', server(16)],
    ['a command that it does not understand', server(9)],
    ['a document that is no BSON', new BSON.BSONError('Unrecognized _bsontype')],
    ['a type of another BSON version', new BSON.BSONVersionError()],
    ['a command that outgrows the buffer', new RangeError('The value of "offset" is out of range.')],
    ['a wrong argument', new mongo.MongoInvalidArgumentError('no')],
  ])('when it tells of %s', (_what, error) => {
    expect(isDefinite(error)).toBe(true);
  });
});

describe('an error leaves open what happened', () => {
  it.each([
    ['the network', new MongoNetworkError('connection closed')],
    ['no server to be found', new MongoServerSelectionError('no', {} as never)],
    ['the time being over', server(50)],
    ['a time limit of the server', server(262)],
    ['a server that stops', server(11_600)],
    ['a primary that steps down', server(189)],
    ['a server that is no primary', server(10_107)],
    ['a write concern that was not met', server(64)],
    ['a host that cannot be reached', server(6)],
    ['a lock that was not had in time', server(24)],
    ['a server that cannot be asked now', server(134)],
    ['a server that shuts down', server(91)],
    ['a conflict of writes', server(112)],
    ['a router that knows too little', server(63)],
    ['no memory left', server(146)],
    ['a defect of the server', server(1)],
    ['a user without rights', server(13)],
    ['a full disk', server(14_031)],
    ['something without a code', server(undefined)],
    ...['RetryableWriteError', 'TransientTransactionError', 'NetworkError', 'SystemOverloadedError'].map(
      (label): [string, Error] => [`something that the server calls a ${label}`, server(121, [label])],
    ),
    [
      'something stored by too few servers',
      new mongo.MongoWriteConcernError({ writeConcernError: { code: 121, errmsg: 'no' } } as never),
    ],
    ['a connection that is not there yet', new Error('not connected')],
  ])('when it tells of %s', (_what, error) => {
    expect(isDefinite(error)).toBe(false);
  });
});
