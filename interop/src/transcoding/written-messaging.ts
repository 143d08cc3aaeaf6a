import type { WrittenCase } from "./written-case.ts";

export const messagingRequests: readonly WrittenCase[] = [
  {
    reaches: "Messaging.CreateTopic",
    method: "PUT",
    target: "/v1/projects/p/topics/t",
    body: '{"labels": {"env": "dev"}, "messageRetentionDuration": "86400s"}',
    request: {
      name: "projects/p/topics/t",
      labels: { env: "dev" },
      messageRetentionDuration: "86400s",
    },
    reply: { name: "projects/p/topics/t", state: "ACTIVE" },
  },
  {
    reaches: "Messaging.UpdateTopic",
    method: "PATCH",
    target: "/v1/projects/p/topics/t",
    body: '{"topic": {"labels": {"a": "b"}}, "updateMask": "labels"}',
    request: { topic: { name: "projects/p/topics/t", labels: { a: "b" } }, updateMask: "labels" },
    reply: { name: "projects/p/topics/t" },
  },
  {
    reaches: "Messaging.Publish",
    method: "POST",
    target: "/v1/projects/p/topics/t:publish",
    body: '{"messages": [{"data": "SGVsbG8=", "attributes": {"key": "iana.org/language_tag"}, "orderingKey": "k"}, {"data": ""}]}',
    request: {
      topic: "projects/p/topics/t",
      messages: [
        { data: "SGVsbG8=", attributes: { key: "iana.org/language_tag" }, orderingKey: "k" },
        {},
      ],
    },
    reply: { messageIds: ["19916711285", "19916711286"] },
  },
  {
    reaches: "Messaging.GetTopic",
    method: "GET",
    target: "/v1/projects/p/topics/t",
    request: { topic: "projects/p/topics/t" },
    reply: { name: "projects/p/topics/t" },
  },
  {
    reaches: "Messaging.ListTopics",
    method: "GET",
    target: "/v1/projects/p/topics?pageSize=1&pageToken=x",
    request: { project: "projects/p", pageSize: 1, pageToken: "x" },
    reply: { topics: [{ name: "projects/p/topics/t" }] },
  },
  {
    reaches: "Messaging.ListTopics",
    method: "GET",
    target: "/v1/organizations/o/projects/p/topics",
    request: { project: "organizations/o/projects/p" },
  },
  {
    reaches: "Messaging.ListTopicSubscriptions",
    method: "GET",
    target: "/v1/projects/p/topics/t/subscriptions?page_size=9",
    request: { topic: "projects/p/topics/t", pageSize: 9 },
    reply: { subscriptions: ["projects/p/subscriptions/a"] },
    answered: ["projects/p/subscriptions/a"],
  },
  {
    reaches: "Messaging.DeleteTopic",
    method: "DELETE",
    target: "/v1/projects/p/topics/t",
    request: { topic: "projects/p/topics/t" },
  },
  {
    reaches: "Messaging.Pull",
    method: "POST",
    target: "/v1/projects/p/subscriptions/s:pull",
    body: '{"returnImmediately": false, "maxMessages": 1}',
    request: { subscription: "projects/p/subscriptions/s", maxMessages: 1 },
    reply: {
      receivedMessages: [
        {
          ackId: "a",
          message: { data: "SGVsbG8=", messageId: "1", publishTime: "2020-01-01T00:00:00.123456Z" },
        },
      ],
    },
  },
  {
    reaches: "Messaging.Pull",
    method: "GET",
    target: "/v1/projects/p/subscriptions/s:pull?maxMessages=10&return_immediately=1",
    request: {
      subscription: "projects/p/subscriptions/s",
      maxMessages: 10,
      returnImmediately: true,
    },
  },
  {
    reaches: "Messaging.Pull",
    method: "POST",
    target: "/v1/pull/3/projects/p/subscriptions/s?returnImmediately=true",
    request: {
      subscription: "projects/p/subscriptions/s",
      maxMessages: 3,
      returnImmediately: true,
    },
  },
  {
    reaches: "Messaging.Acknowledge",
    method: "POST",
    target: "/v1/projects/p/subscriptions/s:acknowledge",
    body: '{"ackIds": ["a", "b"]}',
    request: { subscription: "projects/p/subscriptions/s", ackIds: ["a", "b"] },
  },
  {
    reaches: "Messaging.Acknowledge",
    method: "POST",
    target: "/v1/projects/p/subscriptions/s/acks",
    body: '["a", "b"]',
    request: { subscription: "projects/p/subscriptions/s", ackIds: ["a", "b"] },
  },
  {
    reaches: "Messaging.Seek",
    method: "POST",
    target: "/v1/projects/p/subscriptions/s:seek",
    body: '{"time": "2020-01-01T00:00:00Z"}',
    request: { subscription: "projects/p/subscriptions/s", time: "2020-01-01T00:00:00Z" },
  },
  {
    reaches: "Messaging.Seek",
    method: "POST",
    target: "/v1/projects/p/subscriptions/s/seekTo/projects/q/snapshots/n",
    request: { subscription: "projects/p/subscriptions/s", snapshot: "projects/q/snapshots/n" },
  },
];
