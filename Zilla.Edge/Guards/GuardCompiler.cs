using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Zilla.Config.Guards;
using Zilla.Config.Plans;
using Zilla.Edge.Guards.Jwt;
using Zilla.Edge.Guards.X509;

namespace Zilla.Edge.Guards;

/// <summary>Makes guards of what a plan says. Keys that came from a URL stay, whatever plans come and go.</summary>
public sealed class GuardCompiler(IOptions<GuardOptions> options, TimeProvider time, ILogger<GuardCompiler> logger) : IDisposable
{
    private readonly HttpClient _http = new(new SocketsHttpHandler { MaxAutomaticRedirections = 3, PooledConnectionLifetime = TimeSpan.FromMinutes(5) })
    {
        Timeout = Timeout.InfiniteTimeSpan, // each fetch has its own
    };

    private readonly ConcurrentDictionary<Uri, JwksKeys> _keys = new();

    /// <summary>Compiles the guards of a plan; URLs of keys are asked already.</summary>
    /// <exception cref="FormatException">A key of the configuration is none, or a field of certificates; the message names the guard.</exception>
    public GuardSet Compile(ServicePlan plan)
    {
        ArgumentNullException.ThrowIfNull(plan);
        return new GuardSet(
            plan.Guards.OfType<JwtGuard>().ToDictionary(
                guard => guard.Name, guard => (ICredentialGuard)new TokenGuard(guard, Keys(guard), options.Value.ClockSkew, time, logger), StringComparer.Ordinal),
            plan.Guards.OfType<X509Guard>().ToDictionary(guard => guard.Name, guard => new CertificateGuard(guard, logger), StringComparer.Ordinal));
    }

    public void Dispose() => _http.Dispose();

    private IKeySource Keys(JwtGuard guard)
    {
        if (guard.KeysUrl is { } url)
        {
            var keys = _keys.GetOrAdd(url, static (url, made) => new JwksKeys(url, made._http, made.Options, made.Time, made.Logger), (_http, Options: options.Value, Time: time, Logger: logger));
            _ = keys.FetchOnceAsync();
            return keys;
        }

        try
        {
            return new InlineKeys(SigningKeys.OfConfiguration(guard.Keys));
        }
        catch (FormatException e)
        {
            throw new FormatException($"{guard.Name}: {e.Message}", e);
        }
    }
}
