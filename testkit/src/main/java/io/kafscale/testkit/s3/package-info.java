/**
 * S3 servers for tests, all on loopback and on ports of their own.
 *
 * <ul>
 *   <li>{@link io.kafscale.testkit.s3.S3ProxyServer}: s3proxy in this process. It verifies signatures and its conditional create is
 *       atomic, so it is the independent judge of our client.
 *   <li>{@link io.kafscale.testkit.s3.S3ServerProcess}: the same as a process of its own, on a directory, that can be killed and
 *       started again.
 *   <li>{@link io.kafscale.testkit.s3.FaultyS3Server}: ours, small, for what a judge does not do: late, lost, torn and wrong
 *       answers, one request at a time.
 * </ul>
 */
@NullMarked
package io.kafscale.testkit.s3;

import org.jspecify.annotations.NullMarked;
