using Zilla.Control;
using Zilla.Control.Commands;
using Zilla.ServiceDefaults.Otlp;

if (args is ["validate", .. var rest])
{
    return ValidateCommand.Run(rest, Environment.GetEnvironmentVariable, Console.Out, Console.Error);
}

if (args is ["describe", .. var described])
{
    return await DescribeCommand.RunAsync(described, Environment.GetEnvironmentVariable, Console.Out, Console.Error);
}

var builder = WebApplication.CreateSlimBuilder(args);
builder.AddServiceDefaults();
builder.AddControl();
builder.Services.AddOtlpFollower<OtlpExport>((export, collectors) => export.Follow(collectors));

var app = builder.Build();
app.MapDefaultEndpoints();
app.MapControl();
await app.RunAsync();
return 0;
