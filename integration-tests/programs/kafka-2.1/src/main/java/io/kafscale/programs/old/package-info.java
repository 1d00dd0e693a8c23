/** A program on the oldest Java client that is supported; written for the API of that client. */
package io.kafscale.programs.old;
