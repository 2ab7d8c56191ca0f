using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Zilla.Edge.Cache;
using Zilla.Testing;

namespace Zilla.Edge.Tests.Fakes;

/// <summary>An edge that a test starts in its own process: on loopback alone, with a fake for the cache.</summary>
internal static class EdgeBuilder
{
    /// <param name="locks">The folder where its ports are locked.</param>
    /// <param name="log">What it says.</param>
    /// <param name="cache">Instead of the replicas that it would look for.</param>
    /// <param name="settings">What else its configuration says.</param>
    public static WebApplicationBuilder Create(string locks, CapturedLog log, ICacheReplica cache, IReadOnlyDictionary<string, string?> settings)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>(settings)
        {
            ["Kestrel:Endpoints:Http:Url"] = "http://127.0.0.1:0",
            ["Zilla:Suite"] = "tests",
            ["Zilla:Edge:LockFolder"] = locks,
            ["Zilla:Edge:ListenAddress"] = "127.0.0.1",
            ["Zilla:Edge:Cache:Patience"] = "00:00:00.2",
            ["Zilla:Edge:Cache:RetryDelay"] = "00:00:00.001",
        });
        builder.Logging.ClearProviders();
        builder.Logging.AddProvider(log);
        builder.Services.AddSingleton(cache);
        return builder;
    }
}
