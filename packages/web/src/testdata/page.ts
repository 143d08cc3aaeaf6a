import { createClient, createWebConnection } from "../index.ts";
import { Health } from "@kratosjs/protos/grpc/health/v1/health_pb.js";

const health = createClient(Health, createWebConnection({ baseUrl: "" }));
health.check({}).then(console.log);
