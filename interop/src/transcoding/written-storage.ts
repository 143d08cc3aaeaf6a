import type { WrittenCase } from "./written-case.ts";

const object = {
  bucket: "photos",
  name: "2020/a b.jpg",
  size: "18446744073709551615",
  generation: "1",
};

export const storageRequests: readonly WrittenCase[] = [
  {
    reaches: "Storage.GetObject",
    method: "GET",
    target:
      "/storage/v1/b/photos/o/2020/summer/a%20b.jpg?generation=1600000000000000&projection=FULL&ifGenerationMatch=0",
    request: {
      bucket: "photos",
      object: "2020/summer/a b.jpg",
      generation: "1600000000000000",
      projection: "FULL",
      ifGenerationMatch: "0",
    },
    reply: { ...object, md5Hash: "AAECAw==", metadata: { camera: "x" } },
  },
  {
    reaches: "Storage.GetObject",
    method: "GET",
    target: "/storage/v1/b/photos/o/cat.jpg",
    request: { bucket: "photos", object: "cat.jpg" },
    reply: object,
  },
  {
    reaches: "Storage.DeleteObject",
    method: "DELETE",
    target: "/storage/v1/b/photos/o/a/b/c?if_metageneration_match=7",
    request: { bucket: "photos", object: "a/b/c", ifMetagenerationMatch: "7" },
  },
  {
    reaches: "Storage.ListObjects",
    method: "GET",
    target: "/storage/v1/b/photos/o?prefix=2020%2F&delimiter=/&maxResults=2&versions=false",
    request: { bucket: "photos", prefix: "2020/", delimiter: "/", maxResults: 2, versions: false },
    reply: { items: [object], prefixes: ["2020/summer/"] },
  },
  {
    reaches: "Storage.InsertObject",
    method: "POST",
    target: "/upload/storage/v1/b/photos/o?name=2020/new.jpg&predefinedAcl=publicRead",
    body: '{"contentType": "image/jpeg", "crc32c": 4294967295, "metadata": {"k": "v"}}',
    request: {
      bucket: "photos",
      name: "2020/new.jpg",
      predefinedAcl: "publicRead",
      resource: { contentType: "image/jpeg", crc32c: 4294967295, metadata: { k: "v" } },
    },
    reply: object,
  },
  {
    reaches: "Storage.PatchObject",
    method: "PATCH",
    target: "/storage/v1/b/photos/o/2020/new.jpg?ifGenerationMatch=-5",
    body: '{"metadata": {"k": ""}}',
    request: {
      bucket: "photos",
      object: "2020/new.jpg",
      ifGenerationMatch: "-5",
      resource: { metadata: { k: "" } },
    },
    reply: object,
  },
  {
    reaches: "Storage.ComposeObject",
    method: "POST",
    target: "/storage/v1/b/logs/o/2020/all.log/compose",
    body: '{"sourceObjects": [{"name": "2020/1.log", "generation": "7"}, {"name": "2020/2.log"}], "destination": {"contentType": "text/plain"}}',
    request: {
      destinationBucket: "logs",
      destinationObject: "2020/all.log",
      sourceObjects: [{ name: "2020/1.log", generation: "7" }, { name: "2020/2.log" }],
      destination: { contentType: "text/plain" },
    },
    reply: object,
  },
  {
    reaches: "Storage.RestoreObject",
    method: "POST",
    target: "/storage/v1/b/photos/o/2020/cat.jpg:restore?generation=5",
    request: { bucket: "photos", object: "2020/cat.jpg", generation: "5" },
    reply: object,
  },
  {
    reaches: "Storage.RestoreObject",
    method: "POST",
    target: "/storage/v2/projects/p/buckets/photos/objects/2020/cat.jpg:restore",
    request: { bucket: "projects/p/buckets/photos", object: "2020/cat.jpg" },
    reply: object,
  },
  {
    reaches: "Storage.GetObjectAcl",
    method: "GET",
    target: "/storage/v1/b/photos/o/2020/cat.jpg/acl",
    request: { bucket: "photos", object: "2020/cat.jpg" },
    reply: { entities: { allUsers: "READER", "user-a@example.com": "OWNER" }, etag: "x" },
    answered: { allUsers: "READER", "user-a@example.com": "OWNER" },
  },
];
