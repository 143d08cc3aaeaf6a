import { expect, test } from "vitest";
import { contentDisposition } from "../index.ts";

test.each([
  [undefined, "attachment"],
  ["", "attachment"],
  ["a b.txt", 'attachment; filename="a b.txt"'],
  ['say "hi" \\o/x".txt', 'attachment; filename="x\\".txt"'],
  ["../../etc/passwd", 'attachment; filename="passwd"'],
  [
    "naïve €.txt",
    "attachment; filename=\"na?ve ?.txt\"; filename*=UTF-8''na%C3%AFve%20%E2%82%AC.txt",
  ],
  ["100%25.txt", "attachment; filename=\"100%25.txt\"; filename*=UTF-8''100%2525.txt"],
  [
    "it's (1)*😀",
    "attachment; filename=\"it's (1)*?\"; filename*=UTF-8''it%27s%20%281%29%2A%F0%9F%98%80",
  ],
  ["a\r\nX: y", 'attachment; filename="a  X: y"'],
  ["\ud800.txt", "attachment; filename=\"?.txt\"; filename*=UTF-8''%EF%BF%BD.txt"],
])("contentDisposition() of %j is %s", (name, expected) => {
  expect(contentDisposition("attachment", name)).toBe(expected);
});
