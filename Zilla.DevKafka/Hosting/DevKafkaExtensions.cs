using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Zilla.DevKafka.Hosting;

internal static class DevKafkaExtensions
{
    /// <summary>Adds the broker, configured by section <c>DevKafka</c> under what the command line says, and its readiness.</summary>
    public static WebApplicationBuilder AddDevKafka(this WebApplicationBuilder builder, IReadOnlyDictionary<string, string?> commandLine)
    {
        builder.Configuration.AddInMemoryCollection(commandLine);
        builder.Logging.AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.Critical); // RunBrokerAsync says why a start failed
        builder.Services.Configure<DevKafkaOptions>(builder.Configuration.GetSection(DevKafkaOptions.Section));
        builder.Services.TryAddSingleton(TimeProvider.System);
        builder.Services.AddSingleton<BrokerService>();
        builder.Services.AddHealthChecks().AddCheck<BrokerHealth>("broker");
        builder.Services.AddHostedService(services => services.GetRequiredService<BrokerService>());
        if (!builder.Configuration.GetSection("Kestrel:Endpoints").Exists() && builder.Configuration["urls"] is null)
        {
            builder.Services.AddSingleton<IServer, NoHttp>();
        }

        return builder;
    }

    /// <summary>Runs until a signal ends it; gives the exit code. What the user can mend is said in one line.</summary>
    public static async Task<int> RunBrokerAsync(this WebApplication app)
    {
        try
        {
            await app.RunAsync();
            return 0;
        }
        catch (BrokerStartException e)
        {
            await Console.Error.WriteLineAsync(e.Message);
            return 1;
        }
    }
}
