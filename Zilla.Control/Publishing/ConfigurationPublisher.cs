using System.Security.Cryptography;
using Zilla.Config;
using Zilla.Config.Loading;
using Zilla.Config.Plans;
using Zilla.Config.Plans.V1;
using Zilla.Control.Sources;

namespace Zilla.Control.Publishing;

/// <summary>Turns a reading of the source into a publication: whole and with a revision of its own, or not at all.</summary>
internal sealed class ConfigurationPublisher(RevisionFile file, PublicationHolder holder, Telemetry telemetry, TimeProvider time, ILogger<ConfigurationPublisher> logger)
{
    private KeptRevision? _kept;

    /// <summary>Called by one caller at a time.</summary>
    public void Publish(Reading reading, ConfigurationSource source)
    {
        using var activity = telemetry.Activities.StartActivity("load configuration");
        _kept ??= file.Read();
        var outcome = reading.Text is { } text ? Load(text, source) : Unreadable(reading.Problem!, source);
        activity?.SetTag("zilla.outcome", outcome);
        activity?.SetTag("zilla.revision", holder.Current.Published?.Revision);
        telemetry.Loaded(outcome);
    }

    private string Load(string text, ConfigurationSource source)
    {
        var result = ConfigurationLoader.Load(text, source, Environment.GetEnvironmentVariable);
        if (result.IsValid)
        {
            return Accept(result.Configuration, result.ShownText, source);
        }

        ControlLog.Refused(logger, source.Name, result.Errors.Count, InForce());
        foreach (var error in result.Errors)
        {
            ControlLog.Mistake(logger, source.Name, error.Line, error.Column, error.Message);
        }

        var first = result.Errors[0];
        Complain(source, result.Errors, result.Errors.Count == 1
            ? $"{source.Name}:{first.Line}:{first.Column}: {first.Message}"
            : $"{result.Errors.Count} mistakes in {source.Name}, the first at {first.Line}:{first.Column}: {first.Message}");
        return "refused";
    }

    private string Accept(ZillaConfiguration configuration, string text, ConfigurationSource source)
    {
        var plans = PlanCompiler.Compile(configuration, 0);
        var digest = Digest(plans);
        var next = digest == _kept!.Digest ? _kept with { Source = source.Name } : _kept with { Revision = _kept.Revision + 1, Digest = digest, Source = source.Name };
        if (next != _kept && !file.TryWrite(next))
        {
            Complain(source, [], "the state directory cannot be written");
            return "refused";
        }

        var unchanged = next.Revision == holder.Current.Published?.Revision;
        _kept = next;
        holder.Replace(new Publication
        {
            Published = new Published(
                new PlanId { Epoch = next.Epoch, Revision = next.Revision },
                configuration.Name,
                text,
                time.GetUtcNow(),
                plans.ToDictionary(plan => plan.Key, plan => plan.Value with { Revision = next.Revision })),
        });
        if (unchanged)
        {
            ControlLog.Unchanged(logger, source.Name, next.Revision);
            return "unchanged";
        }

        ControlLog.Published(logger, next.Revision, configuration.Name, source.Name, plans.Values.Sum(plan => plan.Listeners.Count), plans.Values.Sum(plan => plan.CachedClusters.Count));
        return "published";
    }

    private string Unreadable(string problem, ConfigurationSource source)
    {
        if (source.Name.Length > 0)
        {
            ControlLog.Unreadable(logger, source.Name, problem, InForce());
        }

        Complain(source, [], source.Name.Length > 0 ? $"{source.Name} cannot be read: {problem}" : problem);
        return "unreadable";
    }

    private void Complain(ConfigurationSource source, IReadOnlyList<ConfigurationError> errors, string problem) => holder.Replace(holder.Current with
    {
        Before = _kept is { Revision: > 0 } kept && kept.Source == source.Name ? new PlanId { Epoch = kept.Epoch, Revision = kept.Revision } : null,
        Problem = problem,
        Errors = errors,
    });

    private string InForce() => holder.Current.Published is { } published ? $"revision {published.Revision} stays in force" : "nothing is in force";

    /// <summary>Of all plans together, in the order of the services' names.</summary>
    private static string Digest(IReadOnlyDictionary<string, ServicePlan> plans)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var (_, plan) in plans.OrderBy(plan => plan.Key, StringComparer.Ordinal))
        {
            hash.AppendData(PlanJson.Serialize(plan));
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
