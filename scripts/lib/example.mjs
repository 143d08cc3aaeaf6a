/** What `npm start` runs: the service, a client that finds it, and what came of it. */
export const demoEntry = "examples/helloworld/dist/demo.js";

/** What `npm run dev` runs and restarts: the service alone. */
export const serverEntry = "examples/helloworld/dist/main.js";
