import { p2cSelector } from "@kratosjs/core/selector/p2c";
import { randomSelector } from "@kratosjs/core/selector/random";
import { wrrSelector } from "@kratosjs/core/selector/wrr";
import { balancerContract } from "./balancer-contract.ts";

balancerContract("p2cSelector()", { create: () => p2cSelector() });
balancerContract("randomSelector()", { create: () => randomSelector() });
balancerContract("wrrSelector()", { create: () => wrrSelector() });
