@NullMarked
package io.kafscale.app.inspect;

import org.jspecify.annotations.NullMarked;
