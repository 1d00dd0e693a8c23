/** Tests of the S3 store against s3proxy, in process and as a process, and against our fault-injecting server. */
@NullMarked
package io.kafscale.objectstore.s3;

import org.jspecify.annotations.NullMarked;
