@NullMarked
package io.kafscale.app.cli;

import org.jspecify.annotations.NullMarked;
