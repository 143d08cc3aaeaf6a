/** What a stream answers once it has ended. */
export const streamOver: IteratorReturnResult<undefined> = { done: true, value: undefined };
