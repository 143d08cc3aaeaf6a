import { fromBinary, type MessageInitShape, create, toBinary } from "@bufbuild/protobuf";
import { Client, credentials, type ServiceError } from "@grpc/grpc-js";
import { type Book, BookSchema, GetBookRequestSchema, ListRequestSchema } from "./library_pb.js";

const open: Client[] = [];

/** A foreign client of gRPC. */
export function openGrpc(host: string, ca?: Buffer): Client {
  const client = new Client(
    host,
    ca === undefined ? credentials.createInsecure() : credentials.createSsl(ca),
  );
  open.push(client);
  return client;
}

/** Closes all clients of a test. */
export function closeGrpc(): void {
  for (const client of open.splice(0)) client.close();
}

/** Calls GetBook. */
export function getBook(
  client: Client,
  request: MessageInitShape<typeof GetBookRequestSchema>,
): Promise<Book> {
  return new Promise((resolve, reject) => {
    client.makeUnaryRequest(
      "/library.v1.Library/GetBook",
      (message: typeof request) =>
        Buffer.from(toBinary(GetBookRequestSchema, create(GetBookRequestSchema, message))),
      readBook,
      request,
      (error: ServiceError | null, book?: Book) => {
        if (error !== null || book === undefined) reject(error ?? new Error("no book"));
        else resolve(book);
      },
    );
  });
}

/** Calls WatchBooks and answers how many books it sent. */
export async function countBooks(client: Client, pageSize: number): Promise<number> {
  const stream = client.makeServerStreamRequest(
    "/library.v1.Library/WatchBooks",
    (size: number) =>
      Buffer.from(toBinary(ListRequestSchema, create(ListRequestSchema, { pageSize: size }))),
    readBook,
    pageSize,
  );
  let count = 0;
  for await (const _book of stream) count += 1;
  return count;
}

function readBook(bytes: Buffer): Book {
  return fromBinary(BookSchema, bytes);
}
