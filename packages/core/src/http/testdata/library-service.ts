import { notFound } from "../../errors/index.ts";
import type { ServiceImpl } from "../../rpc/index.ts";
import type { Library } from "./library_pb.js";

type LibraryService = ServiceImpl<typeof Library>;

/** A library for tests; what a test cares about it replaces. */
export function libraryService(own: Partial<LibraryService> = {}): LibraryService {
  return {
    async getBook({ id, shelf }) {
      if (id === 404n) throw notFound("BOOK_NOT_FOUND", "no book 404", { metadata: { id: "404" } });
      return { id, title: shelf };
    },
    async createBook({ book, shelf, dryRun }) {
      const { title = "", authors = [] } = book ?? {};
      return { title, authors, labels: { shelf, dryRun: String(dryRun) } };
    },
    async updateBook(request) {
      return request;
    },
    async deleteBook() {
      return {};
    },
    async listTitles() {
      return { titles: ["a", "b"] };
    },
    async ping({ text }) {
      return { text };
    },
    async *watchBooks({ pageSize }) {
      for (let id = 1; id <= pageSize; id += 1) yield { id: BigInt(id) };
    },
    async upload() {
      return {};
    },
    ...own,
  };
}
