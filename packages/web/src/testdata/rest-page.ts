import { Health } from "@kratosjs/protos/grpc/health/v1/health_pb.js";
import { createClient, createRestConnection } from "../index.ts";

const health = createClient(Health, createRestConnection({ baseUrl: "" }));
// Not awaited at the top: a bundler would have to cut the file in two.
health.check({}).then(console.log, console.error);
