/** Certificates for tests: {@link io.kafscale.testkit.tls.CertificateAuthority} issues them with the JDK's keytool. */
@NullMarked
package io.kafscale.testkit.tls;

import org.jspecify.annotations.NullMarked;
