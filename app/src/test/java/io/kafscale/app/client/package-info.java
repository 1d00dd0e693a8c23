@NullMarked
package io.kafscale.app.client;

import org.jspecify.annotations.NullMarked;
