/** Tests of the program: commands run as users run them, output captured. */
@NullMarked
package io.kafscale.app;

import org.jspecify.annotations.NullMarked;
