using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Zilla.DevKafka.Hosting;

internal static class DevKafkaExtensions
{
    /// <summary>Adds the broker, configured by section <c>DevKafka</c> under what the command line says, and its readiness.</summary>
    public static WebApplicationBuilder AddDevKafka(this WebApplicationBuilder builder, IReadOnlyDictionary<string, string?> commandLine)
    {
        builder.Configuration.AddInMemoryCollection(commandLine);
        builder.Services.Configure<DevKafkaOptions>(builder.Configuration.GetSection(DevKafkaOptions.Section));
        builder.Services.TryAddSingleton(TimeProvider.System);
        builder.Services.AddSingleton<BrokerService>();
        builder.Services.AddHostedService(services => services.GetRequiredService<BrokerService>());
        if (!builder.Configuration.GetSection("Kestrel:Endpoints").Exists() && builder.Configuration["urls"] is null)
        {
            builder.Services.AddSingleton<IServer, NoHttp>();
        }

        return builder;
    }
}
