using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Zilla.Config.Events;
using Zilla.Config.Watching;

namespace Microsoft.Extensions.DependencyInjection;

public static class EventLogServiceCollectionExtensions
{
    /// <summary>Has the events among the log messages told on standard output, as <see cref="EventSwitch"/> says; until a plan says so, they are not.</summary>
    public static IServiceCollection AddEventLog(this IServiceCollection services)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<EventSwitch>();
        services.AddSingleton<IPlanFollower>(provider => provider.GetRequiredService<EventSwitch>());
        services.TryAddSingleton(_ => new EventWriter(Console.Out));
        services.TryAddEnumerable(ServiceDescriptor.Singleton<ILoggerProvider, EventLogProvider>());
        services.AddLogging(logging => logging.AddFilter<EventLogProvider>(null, LogLevel.Trace));
        return services;
    }
}
