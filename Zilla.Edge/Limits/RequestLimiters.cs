using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Zilla.Config.Bindings;

namespace Zilla.Edge.Limits;

/// <summary>Compiles the limits of http and mqtt servers. A new configuration's know what clients have used up under the one before.</summary>
public sealed class RequestLimiters(IOptions<LimitOptions> options, TimeProvider time, ILogger<RequestLimiters> logger)
{
    private readonly Lock _gate = new();

    /// <summary>By binding; kept by the limiters in use, and by the requests that go on under earlier ones.</summary>
    private readonly Dictionary<string, WeakReference<RequestUse>> _uses = new(StringComparer.Ordinal);

    public RequestLimiter? Compile(HttpServerBinding binding)
    {
        ArgumentNullException.ThrowIfNull(binding);
        return binding.Limits is { } limits ? new RequestLimiter(limits, Use(binding.Name), time) : null;
    }

    public MessageLimiter Compile(MqttServerBinding binding)
    {
        ArgumentNullException.ThrowIfNull(binding);
        return new MessageLimiter(binding.Limits, Use(binding.Name), time);
    }

    private RequestUse Use(string binding)
    {
        lock (_gate)
        {
            if (!_uses.TryGetValue(binding, out var known) || !known.TryGetTarget(out var use))
            {
                _uses[binding] = new WeakReference<RequestUse>(use = new RequestUse(binding, options.Value, time, logger));
            }

            return use;
        }
    }
}
