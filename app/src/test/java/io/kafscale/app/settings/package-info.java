@NullMarked
package io.kafscale.app.settings;

import org.jspecify.annotations.NullMarked;
