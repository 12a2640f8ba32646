/** An ARN of ECS in the account and region of the test gateway. */
export const arn = (rest: string): string => `arn:aws:ecs:us-east-1:111122223333:${rest}`;
