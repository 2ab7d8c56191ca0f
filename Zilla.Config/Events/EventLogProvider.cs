using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Zilla.Config.Events;

/// <summary>Takes the events out of what a service logs, while they are told. What is not from the suite is not even looked at.</summary>
internal sealed class EventLogProvider(EventSwitch log, EventWriter writer, TimeProvider time) : ILoggerProvider
{
    public ILogger CreateLogger(string categoryName) =>
        categoryName.StartsWith("Zilla.", StringComparison.Ordinal) ? new EventLogger(log, writer, time) : NullLogger.Instance;

    public void Dispose() => writer.Dispose();

    private sealed class EventLogger(EventSwitch log, EventWriter writer, TimeProvider time) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        /// <summary>Of any level: what events there are is said by their names.</summary>
        public bool IsEnabled(LogLevel logLevel) => log.Namespace is not null;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (eventId.Name is { } name && EventNames.All.Contains(name) && log.Namespace is { } @namespace)
            {
                writer.Write(EventLine.Format(@namespace, time.GetUtcNow(), name, formatter(state, exception), state as IReadOnlyList<KeyValuePair<string, object?>> ?? []));
            }
        }
    }
}
