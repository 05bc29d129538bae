/** mongoose, unchanged, as an application uses it. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import mongoose, { type Connection, Schema } from 'mongoose';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type EmbeddedMongo, startEmbeddedMongo } from '../../src/server.ts';

const folder = mkdtempSync(join(tmpdir(), 'embedded-mongo-'));
let database: EmbeddedMongo | undefined;
let connection: Connection;

const authorSchema = new Schema(
  { name: { type: String, required: true, unique: true }, born: Date },
  { timestamps: true },
);
const bookSchema = new Schema({
  title: String,
  author: { type: Schema.Types.ObjectId, ref: 'Author' },
  tags: [String],
  price: Schema.Types.Decimal128,
  parts: [{ name: String, pages: Number }],
  meta: Schema.Types.Mixed,
  owner: Map,
});

beforeAll(async () => {
  const real = process.env.MONGO_URL;
  if (!real) database = await startEmbeddedMongo({ dataDir: folder });
  connection = await mongoose
    .createConnection(real ?? (database?.url as string), {
      dbName: `mongoose_${process.pid}`,
      serverSelectionTimeoutMS: 1000,
    })
    .asPromise();
  connection.model('Author', authorSchema);
  connection.model('Book', bookSchema);
});
beforeEach(async () => {
  await connection.dropDatabase();
  await connection.syncIndexes();
});
afterAll(async () => {
  await connection.dropDatabase();
  await connection.close();
  await database?.stop();
  rmSync(folder, { recursive: true, force: true });
});

describe('mongoose', () => {
  it('creates, finds, populates, changes and deletes', async () => {
    const [Author, Book] = [connection.model('Author'), connection.model('Book')];
    const author = await Author.create({ name: 'Ada', born: new Date(0) });
    await Book.create([
      {
        title: 'One',
        author: author._id,
        tags: ['x', 'y'],
        price: '1.10',
        parts: [{ name: 'p', pages: 3 }],
        owner: { a: 1 },
      },
      { title: 'Two', author: author._id, meta: { any: { thing: [1] } } },
    ]);
    const found = await Book.find({ author: author._id }).populate('author').sort({ title: -1 });
    expect(found.map((book) => [book.get('title'), book.get('author').name])).toEqual([
      ['Two', 'Ada'],
      ['One', 'Ada'],
    ]);
    const book = await Book.findOne({ tags: 'x' }).orFail();
    book.get('tags').push('z');
    book.get('parts')[0].pages = 4;
    await book.save();
    expect(await Book.findOne({ 'parts.pages': 4 }).lean()).toMatchObject({
      tags: ['x', 'y', 'z'],
      owner: { a: 1 },
    });
    expect(await Book.countDocuments({ tags: { $in: ['z'] } })).toBe(1);
    expect(await Book.exists({ title: 'Two' })).toMatchObject({ _id: expect.anything() });
    expect(await Book.deleteMany({ author: author._id })).toMatchObject({ deletedCount: 2 });
    expect(await Book.estimatedDocumentCount()).toBe(0);
  });
  it('sees unique errors as E11000', async () => {
    const Author = connection.model('Author');
    await Author.create({ name: 'Ada' });
    const error = await Author.create({ name: 'Ada' }).catch((e) => e);
    expect(error).toMatchObject({ code: 11000, keyPattern: { name: 1 }, keyValue: { name: 'Ada' } });
  });
  it('findOneAndUpdate, bulkWrite, insertMany, distinct, cursors', async () => {
    const Author = connection.model('Author');
    const options = { upsert: true, returnDocument: 'after', setDefaultsOnInsert: true } as const;
    expect(
      await Author.findOneAndUpdate({ name: 'Eve' }, { born: new Date(5) }, options).lean(),
    ).toMatchObject({ name: 'Eve', born: new Date(5), createdAt: expect.any(Date) });
    const result = await Author.bulkWrite([
      { insertOne: { document: { name: 'A' } } },
      { updateOne: { filter: { name: 'A' }, update: { $set: { born: new Date(1) } } } },
      { deleteOne: { filter: { name: 'Eve' } } },
    ]);
    expect(result).toMatchObject({ insertedCount: 1, modifiedCount: 1, deletedCount: 1 });
    await Author.insertMany(Array.from({ length: 150 }, (_, n) => ({ name: `n${n}` })));
    let seen = 0;
    for await (const _ of Author.find().cursor({ batchSize: 20 })) seen++;
    expect([seen, (await Author.distinct('name')).length]).toEqual([151, 151]);
    expect(await Author.aggregate([{ $match: { name: /^n1/ } }, { $count: 'n' }])).toEqual([{ n: 61 }]);
  });
  it('finds a version conflict', async () => {
    const Author = connection.model('Author');
    const { _id } = await Author.create({ name: 'Ada' });
    const [first, second] = [await Author.findById(_id).orFail(), await Author.findById(_id).orFail()];
    await first.deleteOne();
    await expect(second.set('name', 'Eve').save()).rejects.toThrow(/No document found/);
  });
  it.skipIf(process.env.MONGO_URL)('is refused transactions in clear words', async () => {
    const Author = connection.model('Author');
    const session = await connection.startSession();
    const work = session.withTransaction(() => Author.create([{ name: 'Ada' }], { session }));
    await expect(work).rejects.toThrow(/transactions need a replica set/);
    await session.endSession();
    expect(await Author.countDocuments()).toBe(0);
  });
});
