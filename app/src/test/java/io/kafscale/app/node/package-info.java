@NullMarked
package io.kafscale.app.node;

import org.jspecify.annotations.NullMarked;
