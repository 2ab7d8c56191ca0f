using System.Globalization;
using Zilla.AppHost.Hosting.Model;
using Zilla.AppHost.Hosting.Planning;
using Zilla.AppHost.Hosting.Running;

namespace Zilla.AppHost.Hosting.Dashboard;

/// <summary>The dashboard of one run: its place in the model, its secrets, and the service it asks.</summary>
internal sealed class DashboardSession
{
    private readonly DashboardSecrets _secrets;
    private readonly int _resourceServicePort;
    private readonly ExecutableResource _resource;
    private readonly int? _requiredPort;

    private DashboardSession(DistributedApplicationBuilder model, Bundle bundle, PortAllocator ports)
    {
        _secrets = DashboardSecrets.Create(Environment.GetEnvironmentVariable);
        _resourceServicePort = ResourceServicePort() ?? ports.Next();
        _requiredPort = model.Options.DashboardPort;
        _resource = model.AddDashboard(bundle.Dashboard, _secrets, string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{_resourceServicePort}"));
    }

    /// <summary>Adds the dashboard to the model; null if it is not wanted or not there.</summary>
    public static DashboardSession? Add(DistributedApplicationBuilder model, Bundle? bundle, PortAllocator ports) =>
        model.Options.NoDashboard || bundle is not { HasDashboard: true } ? null : new DashboardSession(model, bundle, ports);

    /// <exception cref="FormatException">The port the user asked for is taken.</exception>
    public void CheckPort(ApplicationPlan plan)
    {
        if (_requiredPort is { } required && Instance(plan).Endpoint("http").Port != required)
        {
            throw new FormatException($"--dashboard-port: {required} is in use.");
        }
    }

    public string LoginLink(ApplicationPlan plan) => DashboardResource.LoginLink(Instance(plan), _secrets);

    public Task<WebApplication> ServeResourcesAsync(SuiteRunner suite, ApplicationPlan plan, IOrchestrator orchestrator, CancellationToken cancellationToken) =>
        ResourceServiceHost.StartAsync(_resourceServicePort, _secrets.ResourceServiceKey, suite, plan, orchestrator, cancellationToken);

    private ResourceInstance Instance(ApplicationPlan plan) => plan.InstancesOf(_resource).Single();

    /// <summary>Aspire's own variable fixes the port for tools that want to ask too.</summary>
    private static int? ResourceServicePort() =>
        Uri.TryCreate(Environment.GetEnvironmentVariable("ASPIRE_RESOURCE_SERVICE_ENDPOINT_URL"), UriKind.Absolute, out var url) ? url.Port : null;
}
